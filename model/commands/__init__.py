"""The commands of the command line, one module each with ``run(arguments, screen) -> exit code``."""
