-- The files of this suite, in the order in which they run.
-- The others (the fuzzer, memory, processes) can wait out limits of minutes: for whoever sets FUZZ_SEEDS.
if not os.getenv("FUZZ_SEEDS") then return { "tamper", "copies" } end

return { "seeds", "tamper", "copies", "memory", "lookups", "process" }
