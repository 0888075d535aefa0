// Every value of every enum there and back, enumerated from the protocol's own description, so that a value
// added on one side only is found.
#include <gmock/gmock.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <gtest/gtest.h>

#include <set>

#include "wire/convert.h"

namespace ararat::wire {
namespace {

template <typename Proto>
class EnumRoundTrip : public ::testing::Test {};

using Enums = ::testing::Types<v1::Verb, v1::TaskKind, v1::ActionClass, v1::Phase, v1::Guard, v1::WhenLate,
                               v1::HostVia, v1::ChannelKind, v1::ListenSide, v1::TaskState, v1::GroupState,
                               v1::RunStatus, v1::Purpose, v1::Outcome>;
TYPED_TEST_SUITE(EnumRoundTrip, Enums);

TYPED_TEST(EnumRoundTrip, ReturnsEveryValueAndRefusesTheRest) {
    const auto* description = google::protobuf::GetEnumDescriptor<TypeParam>();
    ASSERT_GT(description->value_count(), 1);
    std::set<int> models;
    for (int i = 0; i < description->value_count(); ++i) {
        const auto value = static_cast<TypeParam>(description->value(i)->number());
        const auto model = from_proto(value);
        if (static_cast<int>(value) == 0) {
            ASSERT_FALSE(model.ok()) << "unspecified is not a value";
            EXPECT_EQ(model.error().code, ErrorCode::kInvalidArgument);
            continue;
        }
        ASSERT_TRUE(model.ok()) << description->value(i)->name();
        EXPECT_EQ(to_proto(*model), value);
        EXPECT_TRUE(models.insert(static_cast<int>(*model)).second) << "two words for one value";
    }
    EXPECT_EQ(static_cast<int>(models.size()), description->value_count() - 1);
    EXPECT_FALSE(from_proto(static_cast<TypeParam>(description->value_count() + 7)).ok());
}

}  // namespace
}  // namespace ararat::wire
