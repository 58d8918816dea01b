import Foundation
import Martlet
import Tensors
import Testing

@Suite("martlet run") struct RunTests {
  @Test("is recorded for four models")
  func modelsAreRecorded() {
    #expect(TrainedModel.all.count == 4)
  }

  @Test("reaches the recorded accuracy", arguments: TrainedModel.all)
  func reachesAccuracy(_ model: TrainedModel) throws {
    try Command.temporaryFolder { folder in
      let evaluation = Command.root.path + "/Models/digits_eval.npz"
      let finished = try Command.run(
        "run", "--engine", "interpreter", "--input", "image=\(evaluation)", "--output-dir",
        folder.path, Command.model(model.name))
      #expect(finished.status == 0, "\(finished.error)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".npy") }
      let file = try #require(files.first)
      let scores = try NumpyFile.read("\(folder.path)/\(file)")
      let labels = try #require(try NumpyArchive.read(evaluation)["labels"]?.integers)
      #expect(scores.shape == [model.samples, 10])
      let rows = scores.array(of: Float.self)
      let correct = labels.indices.count { sample in
        let row = rows[(10 * sample)..<(10 * sample + 10)]
        return row.firstIndex(of: row.max() ?? 0) == 10 * sample + labels[sample]
      }
      // One image may be so close to the border that rounding decides.
      #expect(abs(correct - model.correct) <= 1)
    }
  }

  @Test("gives the same noise for the same seed")
  func isReproducible() throws {
    let arguments = [
      "run", "--engine", "interpreter", Command.model("digits_mlp"), "--random-seed",
    ]
    let runs = try ["1", "1", "2"].map { seed in
      try Command.run(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], seed)
    }
    #expect(runs[0].output == runs[1].output)
    #expect(runs[0].output != runs[2].output)
  }

  @Test("says which input has no values")
  func namesMissingInput() throws {
    let finished = try Command.run("run", "--engine", "interpreter", Command.model("digits_mlp"))
    #expect(finished.status == 1)
    #expect(finished.error.contains("'image' f32[N, 1, 8, 8] [run.input-missing]"))
  }

  @Test("refuses values of the wrong shape and type")
  func refusesWrongInput() throws {
    try Command.temporaryFolder { folder in
      for (tensor, id) in [
        (Tensor(zeros: [1, 1, 8, 9], type: .f32), "run.input-shape"),
        (Tensor(zeros: [1, 1, 8, 8], type: .f64), "run.input-type"),
      ] {
        let path = folder.path + "/image.npy"
        try NumpyFile.write(tensor, to: path)
        let finished = try Command.run(
          "run", "--engine", "interpreter", "--input", "image=\(path)",
          Command.model("digits_cnn"))
        #expect(finished.status == 1)
        #expect(finished.error.contains("[\(id)]"))
      }
    }
  }
}
