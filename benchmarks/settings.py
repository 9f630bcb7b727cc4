"""Settings of a benchmark: the product's own, on the throw-away database and folder of the frame.

Job messages stay in the frame's folder: a benchmark runs its jobs itself, through the runner.
"""

from yorozu.settings import base

globals().update({name: value for name, value in vars(base).items() if name.isupper()})

SECRET_KEY = "only-for-benchmarks-" + "x" * 50
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
