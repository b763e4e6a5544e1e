"""`python -m sandbox --port N`: the simulated platforms as a server of this machine only."""

import argparse

import uvicorn

from sandbox.app import create_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description="Simulated platforms for the demo, tests and drills.")
    parser.add_argument("--port", type=int, default=8930)
    arguments = parser.parse_args()
    uvicorn.run(create_app(), host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
