"""`python -m console`: the console's process."""

from console.app import serve
from runtime.settings import Settings

if __name__ == "__main__":
    serve(Settings())
