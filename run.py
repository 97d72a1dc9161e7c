"""Start the chatroom: `python run.py --help` lists its settings."""

import os
import sys

from chatroom.serve import run
from chatroom.settings import Settings

if __name__ == "__main__":
    sys.exit(run(Settings.load(sys.argv[1:], os.environ)))
