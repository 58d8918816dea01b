#pragma once

#include <google/protobuf/message.h>

#include "conn.h"

namespace conn {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

inline const Message &unwrap(const conn_message *m) { return *reinterpret_cast<const Message *>(m); }
inline Message &unwrap(conn_message *m) { return *reinterpret_cast<Message *>(m); }
inline const conn_message *wrap(const Message *m) { return reinterpret_cast<const conn_message *>(m); }
inline conn_message *wrap(Message *m) { return reinterpret_cast<conn_message *>(m); }

/// A field of a message by its number, together with what reads it.
struct Field {
  const Message &message;
  const FieldDescriptor *descriptor;
  const Reflection *reflection;

  Field(const conn_message *m, int number)
      : message(unwrap(m)),
        descriptor(message.GetDescriptor()->FindFieldByNumber(number)),
        reflection(message.GetReflection()) {}

  bool known() const { return descriptor != nullptr; }
  bool repeated() const { return descriptor->is_repeated(); }
  FieldDescriptor::CppType type() const { return descriptor->cpp_type(); }

  size_t count() const {
    if (repeated()) return static_cast<size_t>(reflection->FieldSize(message, descriptor));
    return reflection->HasField(message, descriptor) ? 1 : 0;
  }
};

/// Runs `body`; `fallback` when it throws, so that nothing crosses into C.
template <typename R, typename Body>
R guarded(R fallback, Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return fallback;
  }
}

}  // namespace conn
