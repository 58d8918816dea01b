public import ArgumentParser
public import Martlet

extension Engine: ExpressibleByArgument {}
