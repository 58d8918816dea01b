import Foundation
import Martlet
import Tensors
import Testing

#if arch(x86_64)
  @Suite("variants of one artefact") struct VariantTests {
    private static let names = ["x86-64-v4", "x86-64-v3", "x86-64-v2"]
    private static let model = Command.model("digits_cnn")
    private static let input = "image=\(Command.root.path)/Models/digits_eval.npz"

    /// Compiles for the targets, from the least to the best.
    private func compile(_ model: String, to path: String, _ targets: [String]) throws
      -> Command.Finished
    {
      try Command.run(
        Command.path,
        ["compile", "--json", model, "-o", path] + targets.reversed().flatMap { ["--target", $0] })
    }

    /// Whether a command failed because this machine lacks what a variant needs; says so.
    private func isSkipped(_ finished: Command.Finished, _ name: String) -> Bool {
      guard finished.status == 1, finished.error.contains("'\(name)' needs ") else { return false }
      print("skipped: \(name): \(finished.error)")
      return true
    }

    @Test("each gives the right results in a library, and says that it runs")
    func library() throws {
      try Command.temporaryFolder { folder in
        let library = folder.path + "/model.so"
        let compiled = try compile(Self.model, to: library, Self.names)
        #expect(compiled.status == 0, "\(compiled.error)")
        #expect(try Artefact(library).metadata.variants == Self.names)
        for name in Self.names {
          let verified = try Command.run(
            "verify", "-v", Self.model, "--artefact", library, "--variant", name, "--input",
            Self.input)
          if isSkipped(verified, name) { continue }
          #expect(verified.status == 0, "\(verified.output) \(verified.error)")
          #expect(verified.error.contains("runs the variant \(name)\n"))
          let measured = try Command.run(
            "bench", "--seconds", "0.02", "--json", "-", library, "--variant", name)
          let report = try #require(try measured.json([String: Any].self))
          let result = try #require((report["results"] as? [[String: Any]])?.first)
          #expect(result["variant"] as? String == name)
        }
      }
    }

    @Test("the best that runs here is chosen")
    func choosesTheBest() throws {
      try Command.temporaryFolder { folder in
        let library = folder.path + "/model.so"
        // No processor since 2017 has xop.
        let names = ["x86_64-unknown-linux-gnu:bdver4", "x86-64-v2"]
        #expect(try compile(Self.model, to: library, names).status == 0)
        let run = try Command.run("run", "-v", library, "--random-seed", "1")
        #expect(run.error.contains("runs the variant x86-64-v2\n"))
        #expect(try Artefact(library).metadata.variants == names)
        let forced = try Command.run(
          "run", library, "--random-seed", "1", "--variant", names[0])
        #expect(forced.status == 1)
        #expect(forced.error.contains("'\(names[0])' needs "))
        #expect(forced.error.contains("xop"))
        let unknown = try Command.run("run", library, "--random-seed", "1", "--variant", "v9")
        #expect(unknown.status == 1)
        #expect(unknown.error.contains("options.variant is 'v9', expected one of '\(names[0])', "))
      }
    }

    @Test("an artefact for another processor refuses instead of crashing")
    func refuses() throws {
      try Command.temporaryFolder { folder in
        let target = "x86_64-unknown-linux-gnu:bdver4"
        let library = folder.path + "/model.so"
        #expect(try compile(Self.model, to: library, [target]).status == 0)
        let run = try Command.run("run", library, "--random-seed", "1")
        #expect(run.status == 1)
        #expect(run.error.contains("this processor lacks what the code was compiled for"))
        #expect(run.error.contains("xop"))
        let program = folder.appendingPathComponent("model")
        #expect(try compile(Self.model, to: program.path, [target]).status == 0)
        let tested = try Command.run(program, ["--selftest"])
        #expect(tested.status == 1)
        #expect(tested.error.contains("'\(target)' needs "))
        // The model's description takes none of the instructions.
        #expect(try Command.run(program, ["--help"]).output.contains("image: float [N, 1, 8, 8]"))
      }
    }

    @Test("an executable tests and runs each")
    func executable() throws {
      try Command.temporaryFolder { folder in
        let program = folder.appendingPathComponent("model")
        let compiled = try compile(Self.model, to: program.path, Self.names)
        #expect(compiled.status == 0)
        let report = try #require(try compiled.json([String: Any].self))
        let variants = try #require(report["variants"] as? [[String: Any]])
        #expect(variants.compactMap { $0["name"] as? String } == Self.names)
        let own = variants.compactMap { $0["constantByteCount"] as? Int }
        let shared = variants.compactMap { $0["sharedConstantByteCount"] as? Int }
        // Biases and the last layer's weights do not depend on the width of registers.
        #expect(shared.allSatisfy { $0 > 0 } && zip(shared, own).allSatisfy { $0 < $1 })
        let stored = try #require(report["constantByteCount"] as? Int)
        #expect(stored < own.reduce(0, +))
        for name in Self.names {
          let tested = try Command.run(program, ["--selftest", "--json", "--variant", name])
          if isSkipped(tested, name) { continue }
          #expect(tested.status == 0, "\(tested.error)")
          #expect(try tested.json([String: String].self)?["variant"] == name)
        }
      }
    }

    @Test("both are in a static library, and a C program may choose")
    func staticLibrary() throws {
      try Command.temporaryFolder { folder in
        let names = Array(Self.names.dropFirst())
        let compiled = try compile(Self.model, to: folder.path + "/cnn.a", names)
        #expect(compiled.status == 0, "\(compiled.error)")
        let source = """
          #include <math.h>
          #include <stdio.h>
          #include "cnn.h"

          int main(int count, char **names) {
            float image[64], results[2][10];
            const int64_t shape[] = {1, 1, 8, 8}, result_shape[] = {1, 10};
            for (int i = 0; i < 64; i++) image[i] = (float)(i % 9) / 9;
            for (int i = 1; i < count; i++) {
              martlet_options options = {.size = sizeof options, .variant = names[i]};
              martlet_session *session = NULL;
              int32_t status = digits_cnn_create(&options, &session);
              if (status) {
                printf("%d %s", status, digits_cnn_status_message(status));
                return 0;
              }
              martlet_tensor input = {image, shape, 4, 1}, output = {results[i - 1], result_shape, 2, 1};
              if (digits_cnn_run(session, &input, &output)) return 2;
              printf("%s ", digits_cnn_variant(session));
              digits_cnn_destroy(session);
            }
            for (int i = 0; i < 10; i++)
              if (!(fabsf(results[0][i] - results[1][i]) <= 1e-3f * fabsf(results[0][i]) + 1e-3f)) return 3;
            return digits_cnn_selftest();
          }

          """
        try Data(source.utf8).write(to: folder.appendingPathComponent("main.c"))
        let linked = try Command.run(
          URL(fileURLWithPath: "/usr/bin/env"),
          [
            "cc", "-Wall", "-Werror", "-I", folder.path, folder.path + "/main.c",
            folder.path + "/cnn.a", "-o", folder.path + "/both", "-lm", "-pthread",
          ])
        #expect(linked.status == 0, "\(linked.error)")
        let program = folder.appendingPathComponent("both")
        let finished = try Command.run(program, names)
        if !finished.output.contains("'\(names[0])' needs ") {
          #expect(finished.status == 0)
          #expect(finished.output == names.joined(separator: " ") + " ")
        }
        let refused = try Command.run(program, ["x86-64-v9"])
        #expect(
          refused.output
            == "1 options.variant is 'x86-64-v9', expected one of 'x86-64-v3', 'x86-64-v2'")
      }
    }

    @Test(
      "targets that cannot be together are refused",
      arguments: [
        (["x86-64-v3", "aarch64"], "target.mixed", "architectures aarch64 and x86_64"),
        (["x86-64-v3", "x86-64-v3"], "target.duplicate", "need the same instruction sets"),
        (
          ["x86-64-v3", "x86_64-unknown-linux-gnu:x86-64-v3"], "target.duplicate",
          "need the same instruction sets"
        ),
        (["x86-64-v3", "x86_64-unknown-linux-gnu:z80"], "target.unknown", "the processor 'z80'"),
      ])
    func refusesTargets(_ targets: [String], _ id: String, _ text: String) throws {
      let finished = try compile(Self.model, to: "/dev/null/model.so", targets)
      #expect(finished.status == 1)
      #expect(finished.error.contains("[\(id)]"))
      #expect(finished.error.contains(text), "\(finished.error)")
    }

    @Test("each is printed and checked")
    func emits() throws {
      let targets = ["--target", "x86-64-v2", "--target", "x86-64-v3"]
      let text = try Command.run(
        Command.path, ["compile", Self.model, "--emit", "assembly"] + targets)
      #expect(text.status == 0)
      let v3 = try #require(text.output.firstRange(of: "# x86-64-v3\n")?.lowerBound)
      let v2 = try #require(text.output.firstRange(of: "# x86-64-v2\n")?.lowerBound)
      #expect(text.output[v3..<v2].contains("%ymm"))
      #expect(!text.output[v2...].contains("%ymm"))
      #expect(try Command.run(Command.path, ["check", Self.model] + targets).status == 0)
      let mixed = try Command.run("check", Self.model, "--target", "aarch64", "--target", "native")
      #expect(mixed.status == 1)
      #expect(mixed.error.contains("[target.mixed]"))
    }

    @Test("--variant without a library is a mistake")
    func needsLibrary() throws {
      let run = try Command.run("run", Self.model, "--random-seed", "1", "--variant", "x86-64-v2")
      #expect(run.status == 1)
      #expect(run.error.contains("[run.no-variants]"))
      #expect(try Command.run("verify", Self.model, "--variant", "x86-64-v2").status == 64)
    }
  }
#endif
