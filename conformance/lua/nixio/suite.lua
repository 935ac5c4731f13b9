-- The files of this dialect, in the order in which they run.
return {
  "module", "create", "accept", "bind", "connect", "names", "interfaces", "receive", "send", "messages", "unix",
  "limits", "options", "options_ip", "shutdown", "close", "poll", "time", "util", "util_sources", "luci", "hostile", "process",
}
