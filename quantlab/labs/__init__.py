"""Labs: functions of an address to films, words, programs and numbers; pages only lay them out."""
