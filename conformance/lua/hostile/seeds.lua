-- A few seeds on every run; more with FUZZ_SEEDS, more calls with FUZZ_CALLS.

local t, s = ...

local seeds = tonumber(os.getenv("FUZZ_SEEDS")) or 3
local calls = tonumber(os.getenv("FUZZ_CALLS")) or 3000

for seed = 1, seeds do
  local words = "--calls " .. calls .. " --seed " .. seed
  t.case("seed " .. seed, function() s.fuzz(words) end)
  t.case("seed " .. seed .. " in fibers", function() s.fuzz(words .. " --fibers " .. seed * 3) end)
  -- Objects that share a number wait for each other's bytes, up to their limits of minutes: for whoever asks.
  local function patient(words)
    if not os.getenv("FUZZ_SEEDS") then t.skip("takes minutes: set FUZZ_SEEDS to run it") end
    s.fuzz(words)
  end
  t.case("seed " .. seed .. " with any descriptors", function() patient(words .. " --setfd") end)
  t.case("seed " .. seed .. " with any descriptors in fibers", function()
    patient(words .. " --setfd --fibers 4")
  end)
end
