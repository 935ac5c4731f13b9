-- Runs a script in the standalone interpreter as if that were a plain one: what it brings along is hidden, so that
-- `require` looks for modules outside. For Luas that no distribution has yet.
--
--   moonsocket host.lua SCRIPT [ARGS]

for name in pairs(package.preload) do
  package.preload[name] = nil
  package.loaded[name] = nil
end

local script = table.remove(arg, 1)
arg[0] = script
assert(loadfile(script))(table.unpack(arg))
