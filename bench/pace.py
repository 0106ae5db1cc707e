"""How fast the machine is while something is measured.

A virtual machine's cores are shared with other guests: the same work takes the same number of
instructions, and up to 1.8 times the CPU seconds from one minute to the next. So a fixed piece of
work is done again and again beside the measurements (0.5% of a core), and its CPU time is kept.
"""
import contextlib
import random
import threading
import time
import zlib

EVERY_SECONDS = 0.5
QUIET = 0.9  # of the best pace


def fixed_text():
    """128 KB that compress about as logs do."""
    source = random.Random(1)
    words = ["".join(source.choices("abcdefghijklmnop", k=source.randint(3, 9)))
             for _ in range(400)]
    return " ".join(source.choices(words, k=20000)).encode()[:128 << 10]


class Pace:
    def __init__(self):
        self.text = fixed_text()
        self.samples = []  # (when, CPU seconds of the fixed work)
        self.spans = {}
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            begin = time.thread_time()
            zlib.compress(self.text, 1)
            self.samples.append((time.monotonic(), time.thread_time() - begin))
            time.sleep(EVERY_SECONDS)

    @contextlib.contextmanager
    def over(self, name):
        begin = time.monotonic()
        yield
        self.spans[name] = (begin, time.monotonic())

    def wait_for_quiet(self, seconds_max):
        """Returns when the machine was near its best pace for five seconds, or after so long."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds_max:
            time.sleep(1)
            last = [seconds for _, seconds in self.samples[-int(5 / EVERY_SECONDS):]]
            if len(last) * EVERY_SECONDS >= 5 and \
                    self.best_ms() / 1000 * len(last) >= QUIET * sum(last):
                return

    def best_ms(self):
        """What the fixed work takes when the machine is at its fastest."""
        times = sorted(seconds for _, seconds in self.samples)
        return 1000 * times[len(times) // 100]

    def of(self, name):
        """1: all the time as fast as at its fastest; 0.6: what takes 6 ms there took 10."""
        begin, end = self.spans[name]
        within = [seconds for when, seconds in self.samples if begin <= when <= end]
        if not within:  # a short one: the sample next to it
            within = [min(self.samples, key=lambda sample: abs(sample[0] - end))[1]]
        return min(1.0, self.best_ms() / 1000 / (sum(within) / len(within)))
