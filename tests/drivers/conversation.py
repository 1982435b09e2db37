"""What the Python drivers share: reading the conversation and printing the transcript."""

KINDS = {"i": int, "f": float, "t": str, "n": lambda _: None}


def steps():
    """Yields (label, SQL, values) for every step of ./conversation.txt."""
    with open("conversation.txt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            label, *rest = line.rstrip("\n").split("\t")
            yield label, rest[0] if rest else "", [KINDS[value[0]](value[2:]) for value in rest[1:]]


def show(rows):
    for row in rows:
        print("|".join("NULL" if value is None else str(value) for value in row))


def talk(connect, ask):
    """Holds the conversation: connect() opens and loads, ask(db, sql, values) gives rows."""
    db = connect()
    for label, sql, values in steps():
        print("==", label)
        try:
            if label == "reopen":
                db.close()
                db = connect()
            else:
                show(ask(db, sql, values))
        except Exception as error:
            print("error:", error)
    db.close()
