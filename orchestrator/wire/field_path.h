// Reading fields of a message so that an error says where: "tasks[3].check.verb: unknown verb 0".
// Internal to wire.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/convert.h"

namespace ararat::wire {

[[nodiscard]] inline Error at(const std::string& path, const Error& error) {
    return Error{error.code, error.message, error.context.empty() ? path : path + "." + error.context};
}

// from_proto with the field's name put before what it says.
template <typename Proto>
[[nodiscard]] auto read(const std::string& path, const Proto& value) -> decltype(from_proto(value)) {
    auto result = from_proto(value);
    if (!result) return at(path, result.error());
    return result;
}

template <typename Model, typename Repeated>
[[nodiscard]] Result<std::vector<Model>> read_all(const std::string& path, const Repeated& values) {
    std::vector<Model> models;
    models.reserve(static_cast<std::size_t>(values.size()));
    for (const auto& value : values) {
        auto model = read(path + "[" + std::to_string(models.size()) + "]", value);
        if (!model) return model.error();
        models.push_back(std::move(model).value());
    }
    return models;
}

// A signed number of the protocol where the model has a small one.
template <typename To, typename From>
[[nodiscard]] Result<To> narrow(const std::string& path, From value) {
    if (!std::in_range<To>(value)) {
        return Error{ErrorCode::kInvalidArgument, std::to_string(value) + " is out of range", path};
    }
    return static_cast<To>(value);
}

template <typename Id, typename Repeated>
[[nodiscard]] std::vector<Id> ids_of(const Repeated& values) {
    std::vector<Id> ids;
    ids.reserve(static_cast<std::size_t>(values.size()));
    for (const auto& value : values) ids.emplace_back(value);
    return ids;
}

template <typename Repeated, typename Ids>
void put_ids(Repeated* out, const Ids& ids) {
    for (const auto& id : ids) *out->Add() = id.str();
}

}  // namespace ararat::wire
