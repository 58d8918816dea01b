import CRuntime
import Diagnostics
import Foundation

/// The functions that every library exports, found by name.
struct ArtefactFunctions {
  typealias Create =
    @convention(c) (
      UnsafePointer<martlet_options>?, UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32
  typealias Run =
    @convention(c) (
      OpaquePointer?, UnsafePointer<martlet_tensor>?, UnsafeMutablePointer<martlet_tensor>?
    ) -> Int32
  typealias Destroy = @convention(c) (OpaquePointer?) -> Void
  typealias Variant = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
  typealias Message = @convention(c) (Int32) -> UnsafePointer<CChar>?
  typealias Number = @convention(c) () -> Int32
  typealias Text = @convention(c) () -> UnsafePointer<CChar>?

  let create: Create
  let run: Run
  let destroy: Destroy
  let variant: Variant
  let message: Message
  let selftest: Number
  let metadata: Text
  let version: Number

  /// - Throws: `artefact.load` when a function is missing.
  init(_ library: UnsafeMutableRawPointer, at place: Location) throws(Diagnostic) {
    func symbol<T>(_ name: String, as type: T.Type) throws(Diagnostic) -> T {
      guard let address = dlsym(library, "martlet_\(name)") else {
        throw Diagnostic(
          "artefact.load", "the library has no function 'martlet_\(name)'", at: place)
      }
      return unsafeBitCast(address, to: type)
    }
    create = try symbol("create", as: Create.self)
    run = try symbol("run", as: Run.self)
    destroy = try symbol("destroy", as: Destroy.self)
    variant = try symbol("variant", as: Variant.self)
    message = try symbol("status_message", as: Message.self)
    selftest = try symbol("selftest", as: Number.self)
    metadata = try symbol("metadata", as: Text.self)
    version = try symbol("abi_version", as: Number.self)
  }
}
