-- The files of this suite, in the order in which they run.
return { "blocking", "polled", "fibers", "emilua" }
