import Foundation
import Martlet
import Tensors
import Testing

@Suite("martlet compile") struct CompileTests {
  @Test("makes a library that agrees with the interpreter", arguments: TrainedModel.all)
  func library(_ model: TrainedModel) throws {
    try Command.temporaryFolder { folder in
      let library = folder.path + "/model.so"
      let compiled = try Command.run(
        "compile", "--json", Command.model(model.name), "-o", library)
      #expect(compiled.status == 0, "\(compiled.error)")
      let report = try #require(try compiled.json([String: Any].self))
      #expect(report["files"] as? [String] == [library, folder.path + "/model.h"])
      #expect(report["hasSelfTest"] as? Bool == true)
      let verified = try Command.run(
        "verify", Command.model(model.name), "--artefact", library, "--input",
        "image=\(Command.root.path)/Models/digits_eval.npz")
      #expect(verified.status == 0, "\(verified.output) \(verified.error)")
    }
  }

  @Test("makes an executable that passes its self-test and reads and writes arrays")
  func executable() throws {
    try Command.temporaryFolder { folder in
      let program = folder.appendingPathComponent("digits")
      let compiled = try Command.run(
        "compile", Command.model("digits_mlp"), "-o", program.path, "--threads", "2")
      #expect(compiled.status == 0, "\(compiled.error)")
      #expect(try Command.run(program, ["--selftest"]).status == 0)
      let inputs = ["--input", "image=\(Command.root.path)/Models/digits_eval.npz"]
      let own = folder.appendingPathComponent("own").path
      #expect(try Command.run(program, inputs + ["--output-dir", own]).status == 0)
      let reference = folder.appendingPathComponent("reference").path
      let run = try Command.run(
        Command.path,
        ["run", "--engine", "interpreter", Command.model("digits_mlp"), "--output-dir", reference]
          + inputs)
      #expect(run.status == 0)
      let comparison = Tolerance.wholeNetwork.compare(
        try NumpyFile.read(own + "/probabilities.npy"),
        try NumpyFile.read(reference + "/probabilities.npy"))
      #expect(comparison.mismatch == nil)
    }
  }

  @Test("makes libraries and objects that link into one program")
  func staticLibraries() throws {
    try Command.temporaryFolder { folder in
      for (model, file) in [("digits_mlp", "mlp.a"), ("digits_cnn", "cnn.o")] {
        let compiled = try Command.run(
          "compile", Command.model(model), "-o", folder.path + "/" + file)
        #expect(compiled.status == 0, "\(compiled.error)")
      }
      let source = """
        #include <stdio.h>
        #include "mlp.h"
        #include "cnn.h"

        int main(void) {
          float image[64] = {0};
          const int64_t shape[] = {1, 1, 8, 8};
          martlet_tensor input = {image, shape, 4, 1}, output = {0};
          martlet_session *session;
          if (digits_cnn_create(NULL, &session) || digits_cnn_run(session, &input, &output)) return 2;
          printf("%d %d", output.rank, (int)output.shape[DIGITS_CNN_OUTPUT_LOGITS + 1]);
          digits_cnn_destroy(session);
          return digits_mlp_selftest() || digits_cnn_selftest();
        }

        """
      try Data(source.utf8).write(to: folder.appendingPathComponent("main.c"))
      let linked = try Command.run(
        URL(fileURLWithPath: "/usr/bin/env"),
        [
          "cc", "-Wall", "-Werror", "-I", folder.path, folder.path + "/main.c",
          folder.path + "/mlp.a", folder.path + "/cnn.o", "-o", folder.path + "/both", "-lm",
          "-pthread",
        ])
      #expect(linked.status == 0, "\(linked.error)")
      let finished = try Command.run(folder.appendingPathComponent("both"), [])
      #expect(finished.status == 0)
      #expect(finished.output == "2 10")
    }
  }

  @Test("replaces an artefact that is there")
  func replaces() throws {
    try Command.temporaryFolder { folder in
      let library = folder.path + "/model.so"
      for model in ["digits_mlp", "digits_cnn"] {
        let compiled = try Command.run(
          "compile", "--no-selftest", Command.model(model), "-o", library)
        #expect(compiled.status == 0, "\(compiled.error)")
      }
      let verified = try Command.run(
        "verify", Command.model("digits_cnn"), "--artefact", library, "--random-seed", "1")
      #expect(verified.status == 0, "\(verified.output) \(verified.error)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(left == ["model.h", "model.so"])
    }
  }

  @Test("leaves nothing behind when linking fails")
  func failsCleanly() throws {
    try Command.temporaryFolder { folder in
      let output = folder.path + "/model.so"
      for (compiler, id) in [("false", "link.failed"), ("no-such-cc", "link.no-compiler")] {
        let finished = try Command.run(
          "compile", Command.model("digits_mlp"), "-o", output, "--cc", compiler)
        #expect(finished.status == 1)
        #expect(finished.error.contains("[\(id)]"))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test("a linker that loses the constants is an error")
  func refusesLinker() throws {
    try Command.temporaryFolder { folder in
      // Makes an empty file of every output.
      let compiler = folder.path + "/cc"
      let script = """
        #!/bin/sh
        for word; do
          if [ "$last" = -o ]; then : > "$word"; fi
          last=$word
        done

        """
      try Data(script.utf8).write(to: URL(fileURLWithPath: compiler))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler)
      let finished = try Command.run(
        "compile", Command.model("digits_mlp"), "-o", folder.path + "/model.so", "--cc", compiler)
      #expect(finished.status == 1)
      #expect(
        finished.error.contains("the section '.martlet.constants' of the linked file has 0 bytes"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["cc"])
    }
  }

  @Test(
    "prints what it compiles",
    arguments: [("program", "\nkernel @"), ("llvm", "define"), ("assembly", ".globl")])
  func emits(_ form: String, _ expected: String) throws {
    let finished = try Command.run("compile", Command.model("digits_mlp"), "--emit", form)
    #expect(finished.status == 0)
    #expect(finished.output.contains(expected))
  }

  @Test("refuses unknown targets")
  func refusesTarget() throws {
    let finished = try Command.run(
      "compile", Command.model("digits_mlp"), "-o", "/dev/null/model.so", "--target", "z80")
    #expect(finished.status == 1)
    #expect(finished.error.contains("[target.unknown]"))
  }
}
