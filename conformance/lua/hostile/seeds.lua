-- A few seeds on every run; more with FUZZ_SEEDS, more calls with FUZZ_CALLS.

local t, s = ...

local seeds = tonumber(os.getenv("FUZZ_SEEDS")) or 2
local calls = tonumber(os.getenv("FUZZ_CALLS")) or 3000

for seed = 1, seeds do
  local words = "--calls " .. calls .. " --seed " .. seed
  t.case("seed " .. seed, function() s.fuzz("program", words) end)
  t.case("seed " .. seed .. " in fibers", function() s.fuzz("program", words .. " --fibers " .. seed * 3) end)
  t.case("seed " .. seed .. " with any descriptors", function() s.fuzz("program", words .. " --setfd") end)
  t.case("seed " .. seed .. " with any descriptors in fibers", function()
    s.fuzz("program", words .. " --setfd --fibers 4")
  end)
  t.case("seed " .. seed .. " in Emilua", function() s.fuzz("emilua", words) end)
end
