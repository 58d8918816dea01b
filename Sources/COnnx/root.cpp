#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>
#include <limits.h>

#include <memory>

#include "message.hpp"
#include "onnx/onnx-data_pb.h"

using namespace conn;

namespace {

/// A graph in a graph costs three levels of messages; deeper files than this are refused.
constexpr int recursionLimit = 400;

/// The library would print what it does not like; callers report that themselves.
void silenceLibrary() {
  static const auto previous = google::protobuf::SetLogHandler(nullptr);
  (void)previous;
}

std::unique_ptr<Message> make(conn_kind kind) {
  silenceLibrary();
  switch (kind) {
    case CONN_MODEL: return std::make_unique<onnx::ModelProto>();
    case CONN_TENSOR: return std::make_unique<onnx::TensorProto>();
    case CONN_SEQUENCE: return std::make_unique<onnx::SequenceProto>();
    case CONN_OPTIONAL: return std::make_unique<onnx::OptionalProto>();
    case CONN_ATTRIBUTE: return std::make_unique<onnx::AttributeProto>();
  }
  return nullptr;
}

}  // namespace

conn_message *conn_new(conn_kind kind) {
  return guarded<conn_message *>(nullptr, [&] { return wrap(make(kind).release()); });
}

conn_message *conn_parse(conn_kind kind, const void *data, size_t count) {
  return guarded<conn_message *>(nullptr, [&]() -> conn_message * {
    if (count > INT_MAX) return nullptr;
    auto message = make(kind);
    if (!message) return nullptr;
    google::protobuf::io::CodedInputStream stream(
        static_cast<const uint8_t *>(data), static_cast<int>(count));
    stream.SetRecursionLimit(recursionLimit);
    if (!message->ParsePartialFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) return nullptr;
    return wrap(message.release());
  });
}

void conn_free(conn_message *root) {
  guarded<int>(0, [&] {
    delete reinterpret_cast<Message *>(root);
    return 0;
  });
}

size_t conn_byte_count(const conn_message *root) {
  return guarded<size_t>(0, [&] { return unwrap(root).ByteSizeLong(); });
}

bool conn_write(const conn_message *root, int descriptor) {
  return guarded<bool>(false, [&] {
    google::protobuf::io::FileOutputStream file(descriptor);
    if (unwrap(root).ByteSizeLong() > INT_MAX) return false;
    return unwrap(root).SerializePartialToZeroCopyStream(&file) && file.Flush();
  });
}
