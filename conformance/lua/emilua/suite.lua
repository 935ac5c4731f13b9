-- The files of this dialect, in the order in which they run.
return {
  "example", "socket", "options", "readwrite", "flags", "connect", "cancel", "descriptor", "acceptor", "udp",
  "fibers", "interrupt", "scope", "coroutines", "time", "span", "stream", "address", "names", "errors", "run", "mixed",
  "random", "process",
}
