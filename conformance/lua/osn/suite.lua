-- The files of this dialect, in the order in which they run.
return {
  "module", "fields", "connect", "accept", "receive", "send", "close", "names", "datagrams", "paths", "signals", "hostile",
  "process",
}
