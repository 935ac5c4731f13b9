-- The files of this suite, in the order in which they run.
return { "seeds", "tamper", "copies", "memory", "lookups", "process" }
