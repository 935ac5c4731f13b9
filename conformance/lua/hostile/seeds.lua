-- A few seeds on every run; more with FUZZ_SEEDS, more calls with FUZZ_CALLS.

local t, s = ...

local seeds = tonumber(os.getenv("FUZZ_SEEDS")) or 3
local calls = tonumber(os.getenv("FUZZ_CALLS")) or 3000

for seed = 1, seeds do
  local words = "--calls " .. calls .. " --seed " .. seed
  t.case("seed " .. seed, function() s.fuzz(words) end)
  t.case("seed " .. seed .. " in fibers", function() s.fuzz(words .. " --fibers " .. seed * 3) end)
  t.case("seed " .. seed .. " with any descriptors", function() s.fuzz(words .. " --setfd") end)
  t.case("seed " .. seed .. " with any descriptors in fibers", function()
    -- A known limit: objects that share a number share one registration, and one of them takes it along.
    if not os.getenv("FUZZ_SEEDS") then
      t.skip("a fiber can wait out its limit, if it has one, for a number that another object closed")
    end
    s.fuzz(words .. " --setfd --fibers 4")
  end)
end
