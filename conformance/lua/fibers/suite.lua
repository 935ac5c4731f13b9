-- The files of this suite, in the order in which they run.
return {
  "module", "streams", "accept", "limits", "timers", "queue", "again", "closing", "resets", "select", "names", "machine",
  "coroutines", "waiting", "protect", "collector", "osn", "nixio", "sgssockets", "many", "process", "http",
}
