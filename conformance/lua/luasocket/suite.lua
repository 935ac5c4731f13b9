-- The files of this dialect, in the order in which they run.
return {
  "module", "classes", "every_class", "create", "bind", "accept", "connect", "connect_zero", "shortcuts",
  "receive_line", "receive_count", "receive_all", "receive_args", "receive_maxsize", "receive_resume",
  "receive_border", "send", "send_partial", "transfer",
  "timeout", "timeout_modes", "stats", "options", "options_kernel", "options_errors", "options_early",
  "shutdown", "close", "descriptor", "names",
  "udp", "udp_messages", "udp_connected", "unix_stream", "unix_names", "unix_dgram", "serial",
  "options_udp", "multicast", "select", "select_foreign",
  "dns", "errno", "results", "try", "streams", "time", "hostile", "resources", "process", "additions", "adopted",
}
