-- The modules are loaded, none of which was there.
local names = { "moonsocket", "socket", "socket.unix", "socket.serial", "mime", "ltn12", "socket.url", "socket.http", "socket.smtp",
  "socket.ftp", "nixio", "nixio.util", "osn", "sgssockets", "emilua" }

local there = {}
for name in pairs(package.loaded) do there[name] = true end

local steps = {
  -- Lua 5.1 takes a module whose loading failed for one that is being loaded.
  over = function()
    for name in pairs(package.loaded) do
      if not there[name] then package.loaded[name] = nil end
    end
  end,
}
for _, name in ipairs(names) do
  steps[#steps + 1] = function() require(name) end
end
return steps
