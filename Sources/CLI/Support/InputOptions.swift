import ArgumentParser
import Martlet

/// Where the inputs of a run come from.
struct InputOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file with an input's values: .npy, .npz, .pb, or an image such as .jpg or .png (repeatable).",
      valueName: "NAME=FILE"))
  var input: [String] = []

  @Option(help: ArgumentHelp("Fill inputs that have no file with noise.", valueName: "N"))
  var randomSeed: UInt64?

  @OptionGroup(title: "Images as inputs") var images: ImageOptions

  private var sources: [InputFiles.Source] { input.map { InputFiles.Source($0) } }

  var files: InputFiles {
    InputFiles(sources, randomSeed: randomSeed, preprocessing: images.preprocessing)
  }

  func validate() throws {
    if images.preprocessing != ImagePreprocessing(), !sources.contains(where: \.isImage) {
      throw ValidationError(
        "there are options for images, but no --input is an image, expected a .jpg, .png or another image file"
      )
    }
  }
}
