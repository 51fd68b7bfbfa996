"""Does the server hold what a class brings, and no more than it has room for?"""

from quantlab.sources.uploads import Uploads


def test_the_last_files_are_held_by_their_content():
    store = Uploads()
    names = [store.add(f"{i}.png", bytes([i]) * 9) for i in range(Uploads.most + 3)]
    assert [name in store for name in names] == [False] * 3 + [True] * Uploads.most
    assert store.content(names[5]) == ("5.png", bytes([5]) * 9)
    assert store.add("again.png", bytes([5]) * 9) == names[5] and store.name(names[5]) == "again.png"


def test_the_oldest_go_when_there_is_no_room_but_never_the_last():
    store = Uploads()
    store.room = 100
    small, large = store.add("small", b"a" * 60), store.add("large", b"b" * 60)
    assert small not in store and large in store
    whole = store.add("whole", b"c" * 500)
    assert large not in store and whole in store
