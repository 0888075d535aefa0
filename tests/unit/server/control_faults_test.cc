// Every text of every request of the Control service: what no text may hold is refused with the field's path,
// by unary methods and by streams, before anything is done. Derived from the service's own description, so
// that a method or field that comes later is tried too.
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

#include "test_world.h"

namespace ararat::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

const google::protobuf::ServiceDescriptor& control_service() {
    return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("ararat.v1.Control");
}

// Something plausible in every field, so that no other one is complained about first.
std::unique_ptr<Message> plausible_request(const MethodDescriptor& method) {
    auto* factory = google::protobuf::MessageFactory::generated_factory();
    std::unique_ptr<Message> made(factory->GetPrototype(method.input_type())->New());
    const auto& reflection = *made->GetReflection();
    for (int i = 0; i < method.input_type()->field_count(); ++i) {
        const FieldDescriptor* field = method.input_type()->field(i);
        if (field->is_repeated()) continue;
        if (field->name() == "kind") {
            reflection.SetString(made.get(), field, "person");
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
            reflection.SetString(made.get(), field, "some");
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
            reflection.SetEnumValue(made.get(), field, 1);
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
            reflection.SetBool(made.get(), field, true);
        }
    }
    return made;
}

// The first status or answer that the method gives; a stream is ended at its first message.
grpc::Status call(TestWorld& world, const MethodDescriptor& method, const Message& request) {
    const auto channel =
        world.channel(world.orchestrator().ports().control,
                      world.person("eve", {"viewer", "lead", "engineer", "approver", "admin"}));
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    grpc::CompletionQueue queue;
    const auto wait = [&] {
        void* tag = nullptr;
        bool ok = false;
        return queue.Next(&tag, &ok) && ok;
    };
    const auto stream =
        stub.PrepareCall(&context, "/" + method.service()->full_name() + "/" + method.name(), &queue);
    stream->StartCall(nullptr);
    if (wait()) {
        grpc::Slice slice(request.SerializeAsString());
        stream->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
        wait();
        grpc::ByteBuffer answer;
        stream->Read(&answer, nullptr);
        if (wait()) context.TryCancel();
    }
    grpc::Status status;
    stream->Finish(&status, nullptr);
    wait();
    queue.Shutdown();
    return status;
}

std::vector<const FieldDescriptor*> texts_of(const MethodDescriptor& method) {
    std::vector<const FieldDescriptor*> texts;
    for (int i = 0; i < method.input_type()->field_count(); ++i) {
        const FieldDescriptor* field = method.input_type()->field(i);
        if (field->type() == FieldDescriptor::TYPE_STRING) texts.push_back(field);
    }
    return texts;
}

void set_text(Message& message, const FieldDescriptor* field, const std::string& value) {
    const auto& reflection = *message.GetReflection();
    if (field->is_repeated()) {
        reflection.AddString(&message, field, value);
    } else {
        reflection.SetString(&message, field, value);
    }
}

std::string path_of(const FieldDescriptor& field) {
    return field.name() + (field.is_repeated() ? "[0]" : "");
}

TEST(ControlFaults, EveryTextIsRefusedWithItsPathWhenItHoldsWhatNoTextMay) {
    TestWorld world;
    world.start_orchestrator();
    const std::string direction_override = "a\u202Eb";
    const std::string nul("a\0b", 3);
    int tried = 0;
    for (int i = 0; i < control_service().method_count(); ++i) {
        const MethodDescriptor& method = *control_service().method(i);
        for (const FieldDescriptor* field : texts_of(method)) {
            for (const std::string& bad : {direction_override, nul, std::string(100'000, 'a')}) {
                const auto request = plausible_request(method);
                set_text(*request, field, bad);
                const auto status = call(world, method, *request);
                const std::string what = method.name() + "." + field->name() + ": " + status.error_message();
                EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << what;
                EXPECT_THAT(status.error_message(), ::testing::StartsWith(path_of(*field) + ": ")) << what;
                ++tried;
            }
        }
    }
    EXPECT_GT(tried, 100);
}

TEST(ControlFaults, EveryUnknownEnumIsRefusedWithItsPath) {
    TestWorld world;
    world.start_orchestrator();
    int tried = 0;
    for (int i = 0; i < control_service().method_count(); ++i) {
        const MethodDescriptor& method = *control_service().method(i);
        for (int f = 0; f < method.input_type()->field_count(); ++f) {
            const FieldDescriptor* field = method.input_type()->field(f);
            if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM || field->is_repeated()) continue;
            const auto request = plausible_request(method);
            request->GetReflection()->SetEnumValue(request.get(), field, 4242);
            const auto status = call(world, method, *request);
            EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method.name();
            EXPECT_EQ(status.error_message(), field->name() + ": 4242 is not known here") << method.name();
            ++tried;
        }
    }
    EXPECT_GT(tried, 0);
}

TEST(ControlFaults, BytesThatAreNoMessageAreRefusedAndTheNextCallIsServed) {
    TestWorld world;
    world.start_orchestrator();
    const auto everyone = world.person("eve", {"viewer"});
    for (int i = 0; i < control_service().method_count(); ++i) {
        const MethodDescriptor& method = *control_service().method(i);
        v1::UploadChunkRequest carrier;  // bytes of a field with a length that is longer than what follows
        carrier.GetReflection()->MutableUnknownFields(&carrier)->AddLengthDelimited(1, "\xff\xfe");
        EXPECT_FALSE(call(world, method, carrier).ok() && method.input_type()->field_count() > 0 &&
                     method.input_type()->field(0)->type() == FieldDescriptor::TYPE_STRING)
            << method.name();
    }
    grpc::ClientContext context;
    v1::GetVersionResponse version;
    EXPECT_TRUE(world.control(everyone)->GetVersion(&context, {}, &version).ok());
}

}  // namespace
}  // namespace ararat::server
