"""python -m jarvis_stats"""

from .command import script

script()
