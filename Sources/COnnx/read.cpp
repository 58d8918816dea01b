#include <google/protobuf/unknown_field_set.h>

#include "message.hpp"

using namespace conn;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

namespace {

/// The `index`-th value of a field that the library does not know; NULL when absent.
const UnknownField *unknown(const Field &field, int number, size_t index) {
  const UnknownFieldSet &set = field.reflection->GetUnknownFields(field.message);
  for (int i = 0; i < set.field_count(); ++i) {
    if (set.field(i).number() == number && index-- == 0) return &set.field(i);
  }
  return nullptr;
}

size_t unknownCount(const Field &field, int number) {
  const UnknownFieldSet &set = field.reflection->GetUnknownFields(field.message);
  size_t count = 0;
  for (int i = 0; i < set.field_count(); ++i) count += set.field(i).number() == number;
  return count;
}

// The replacement of what is deprecated here gives no access to the elements as one piece of memory.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
template <typename T>
conn_bytes elements(const Field &field) {
  const auto &values = field.reflection->GetRepeatedField<T>(field.message, field.descriptor);
  return {values.data(), static_cast<size_t>(values.size())};
}
#pragma clang diagnostic pop

int64_t integerAt(const Field &field, int index) {
  const Message &m = field.message;
  const Reflection *r = field.reflection;
  const FieldDescriptor *d = field.descriptor;
  switch (field.type()) {
    case FieldDescriptor::CPPTYPE_INT32: return r->GetRepeatedInt32(m, d, index);
    case FieldDescriptor::CPPTYPE_INT64: return r->GetRepeatedInt64(m, d, index);
    case FieldDescriptor::CPPTYPE_UINT64: return static_cast<int64_t>(r->GetRepeatedUInt64(m, d, index));
    case FieldDescriptor::CPPTYPE_ENUM: return r->GetRepeatedEnumValue(m, d, index);
    default: return 0;
  }
}

int64_t integer(const Field &field) {
  const Message &m = field.message;
  const Reflection *r = field.reflection;
  const FieldDescriptor *d = field.descriptor;
  switch (field.type()) {
    case FieldDescriptor::CPPTYPE_INT32: return r->GetInt32(m, d);
    case FieldDescriptor::CPPTYPE_INT64: return r->GetInt64(m, d);
    case FieldDescriptor::CPPTYPE_UINT64: return static_cast<int64_t>(r->GetUInt64(m, d));
    case FieldDescriptor::CPPTYPE_ENUM: return r->GetEnumValue(m, d);
    default: return 0;
  }
}

}  // namespace

size_t conn_count(const conn_message *message, int number) {
  return guarded<size_t>(0, [&] {
    Field field(message, number);
    const size_t count = field.known() ? field.count() : 0;
    return count > 0 ? count : unknownCount(field, number);
  });
}

const conn_message *conn_child(const conn_message *message, int number, size_t index) {
  return guarded<const conn_message *>(nullptr, [&]() -> const conn_message * {
    Field field(message, number);
    if (!field.known() || field.type() != FieldDescriptor::CPPTYPE_MESSAGE || index >= field.count())
      return nullptr;
    const int i = static_cast<int>(index);
    return wrap(field.repeated() ? &field.reflection->GetRepeatedMessage(field.message, field.descriptor, i)
                                 : &field.reflection->GetMessage(field.message, field.descriptor));
  });
}

conn_bytes conn_string(const conn_message *message, int number, size_t index) {
  return guarded<conn_bytes>({nullptr, 0}, [&]() -> conn_bytes {
    Field field(message, number);
    if (!field.known()) {
      const UnknownField *found = unknown(field, number, index);
      if (!found || found->type() != UnknownField::TYPE_LENGTH_DELIMITED) return {nullptr, 0};
      return {found->length_delimited().data(), found->length_delimited().size()};
    }
    if (field.type() != FieldDescriptor::CPPTYPE_STRING || index >= field.count()) return {nullptr, 0};
    std::string scratch;  // Never used: the classes keep these fields as std::string.
    const std::string &text =
        field.repeated() ? field.reflection->GetRepeatedStringReference(
                               field.message, field.descriptor, static_cast<int>(index), &scratch)
                         : field.reflection->GetStringReference(field.message, field.descriptor, &scratch);
    if (&text == &scratch) return {nullptr, 0};
    return {text.data(), text.size()};
  });
}

int64_t conn_integer(const conn_message *message, int number, size_t index) {
  return guarded<int64_t>(0, [&]() -> int64_t {
    Field field(message, number);
    if (field.known() && index < field.count())
      return field.repeated() ? integerAt(field, static_cast<int>(index)) : integer(field);
    // A field, or a value of an enumeration, that is newer than the library.
    const UnknownField *found = unknown(field, number, index);
    if (!found || found->type() != UnknownField::TYPE_VARINT) return 0;
    return static_cast<int64_t>(found->varint());
  });
}

double conn_real(const conn_message *message, int number, size_t index) {
  return guarded<double>(0, [&]() -> double {
    Field field(message, number);
    if (!field.known() || index >= field.count()) return 0;
    const Message &m = field.message;
    const Reflection *r = field.reflection;
    const int i = static_cast<int>(index);
    switch (field.type()) {
      case FieldDescriptor::CPPTYPE_FLOAT:
        return field.repeated() ? r->GetRepeatedFloat(m, field.descriptor, i) : r->GetFloat(m, field.descriptor);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return field.repeated() ? r->GetRepeatedDouble(m, field.descriptor, i) : r->GetDouble(m, field.descriptor);
      default: return 0;
    }
  });
}

conn_bytes conn_elements(const conn_message *message, int number) {
  return guarded<conn_bytes>({nullptr, 0}, [&]() -> conn_bytes {
    Field field(message, number);
    if (!field.known() || !field.repeated()) return {nullptr, 0};
    switch (field.type()) {
      case FieldDescriptor::CPPTYPE_INT32: return elements<int32_t>(field);
      case FieldDescriptor::CPPTYPE_INT64: return elements<int64_t>(field);
      case FieldDescriptor::CPPTYPE_UINT64: return elements<uint64_t>(field);
      case FieldDescriptor::CPPTYPE_FLOAT: return elements<float>(field);
      case FieldDescriptor::CPPTYPE_DOUBLE: return elements<double>(field);
      default: return {nullptr, 0};
    }
  });
}
