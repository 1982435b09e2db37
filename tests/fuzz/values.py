"""Values of every kind that a file may hold, ordinary ones more often."""

import contract

INF = float("inf")
START = 1793491200  # 2026-11-01
KEYS = [
    None, "", " ", "a", "A", "a ", "ä", "a\u0308", "🦙", "\uffee", "nul\0byte", "nul\0", "k" * 3000, "it's", 'say "x"', "%s%n",
    "NULL", "1", "01", "1.0", 1, 1.0, 1.5, -1, 0, -0.0, 2**53 + 1, 2.0**53, 2**63 - 1, -(2**63), 2.0**63, INF, -INF, 5e-324,
    b"a", b"", b"\x00\xff", b"\x00", "\udcff\udc80", "é\udcc3",
]
TEXTS = ["12", " 3 ", "-4.5", "1e3", "12abc", "abc", "", ".5", "5.", "0x10", "9e999", "-9e999", "nan", "inf", "+7", "1_000", "1e", "\u0661",
         "9223372036854775807", "9223372036854775808", "12\x00", "\t8\n", b"7", b"\x01", b"1e2x", b""]
MEASURED = [None, 0, 0.0, -0.0, 1, 0.1, -1.5, 1e-9, 123456.789, 3, 5e-324, -5e-324, 2.2e-308, 1e-300, 1e16, -1e16, 1e300, -1e300,
            2**53 + 1, -(2**53) - 1, 2**62]
BEYOND = [1.7976931348623157e308, -1.7976931348623157e308, 1e308, INF, -INF, 2**63 - 1, -(2**63)]
TOKENS = [None, 0, 1, 2, -1, 2**40, 2**53 + 1, -(2**53) - 1, 1.5, 2.0, 2.5, -1e15, 2**62]
TIMES = [None, "soon", "1793491205", " 1793491206 ", -1e10, INF, b"t", START, START + 7, 2**63 - 1]
SWITCHES = [0, 0, 1, 2, 2, 2, None, "0", "2", "no", 0.0, 2.0, b"2"]
OTHERS = [None, "", "{}", b"\x00\xff", 5, 2.0, -INF, '"\\\u2028\x7f', "tab\tnul\0", "🦙", "\udcff"]


class Pool:
    """How wild the values of one table are."""

    def __init__(self, random):
        self.random = random
        self.odd = random.choice([0.0, 0.05, 0.3])
        self.texts = random.choice([0.0, 0.0, 0.1])
        self.beyond = random.choice([0.0, 0.0, 0.03])
        self.keys = KEYS if random.random() < 0.5 else random.sample(KEYS, 3)

    def value(self, column):
        random = self.random
        if column in ("model_id", "engine", "batch_id"):
            return random.choice(self.keys)
        if column in ("is_warmup", "token_counting_version"):
            return random.choice(SWITCHES)
        if column == "timestamp":
            return random.choice(TIMES) if random.random() < self.odd else START + random.randrange(30) / 2
        if column not in contract.METRICS:
            return random.choice(OTHERS)
        if random.random() < self.texts:
            return random.choice(TEXTS)
        if random.random() < self.beyond:
            return random.choice(BEYOND)
        if "_tokens" in column:
            return random.choice(TOKENS) if random.random() < self.odd else random.randrange(5000)
        return random.choice(MEASURED) if random.random() < self.odd else random.lognormvariate(0, 4)
