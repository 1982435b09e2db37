"""The PEP 517 backend of the checkout: `pip install .` builds the library with cargo.

The wheel it makes is for the machine that it is made on; what is published comes from pack.py.
"""

import pathlib
import sysconfig

import project
import python_packages
from archives import write

LIBRARIES = {"win": "jarvis_stats.dll", "macosx": "libjarvis_stats.dylib"}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    package = project.cargo_package()
    project.cargo("build", "--release", "--locked", "--lib")
    system = sysconfig.get_platform()
    name = LIBRARIES.get(system.split("-")[0].rstrip("3264"), "libjarvis_stats.so")
    library = (package["target"] / "release" / name).read_bytes()
    tag = system.replace("-", "_").replace(".", "_")
    file, content = python_packages.main_wheel(package, tag, name, library)
    write(pathlib.Path(wheel_directory, file), content)
    return file


def build_sdist(sdist_directory, config_settings=None):
    file, content = python_packages.sdist(project.cargo_package())
    write(pathlib.Path(sdist_directory, file), content)
    return file
