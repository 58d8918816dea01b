public import ArgumentParser
import Images
public import Martlet

extension ImagePreprocessing.Color: ExpressibleByArgument {}
extension ImagePreprocessing.Layout: ExpressibleByArgument {}
extension Image.Interpolation: ExpressibleByArgument {}
