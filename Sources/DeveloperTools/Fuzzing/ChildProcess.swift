import Foundation

/// A program that runs beside this one, in a process group of its own: what is typed at the terminal does not reach it.
struct ChildProcess {
  /// How a process ended.
  enum Ending: Equatable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    var description: String {
      switch self {
      case .exit(let status): "exit status \(status)"
      case .signal(let number): "signal \(number), \(String(cString: strsignal(number)))"
      }
    }
  }

  let id: pid_t

  /// Starts a program with all signals as a program expects to find them.
  init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var id: pid_t = 0
    let status = posix_spawn(&id, path, nil, &attributes, &words, &variables)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
    self.id = id
  }

  /// How it ended; nil while it runs.
  func ending(wait: Bool = false) -> Ending? {
    var status: Int32 = 0
    guard waitpid(id, &status, wait ? 0 : WNOHANG) == id else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? .exit(status >> 8 & 0xff) : .signal(signal)
  }

  /// Ends it and waits until it has gone.
  func stop() {
    kill(id, SIGKILL)
    _ = ending(wait: true)
  }
}
