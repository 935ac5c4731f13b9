-- The files of this dialect, in the order in which they run.
return {
  "module", "errors", "address", "names", "sockets", "streams", "datagrams", "properties", "flags", "select", "hostile",
  "process",
}
