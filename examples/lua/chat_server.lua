-- A chat: whoever connects says a name, and then every line goes to all others. Any number of guests, a fiber for each.
--
--   cargo xtask run examples/lua/chat_server.lua [HOST [PORT [GUESTS]]]
--
-- With a number of guests it ends when so many have come and all are gone; without, never.

local moonsocket = require "moonsocket"
local socket = require "socket"

local server = assert(socket.bind(arg[1] or "127.0.0.1", arg[2] or 7000))
print(("listening on %s %d"):format(server:getsockname()))
io.stdout:flush()

local guests = {} -- name -> guest

-- A guest who does not read is shown the door: what waits for one must not pile up.
local function deliver(guest, text)
  if not guest.out:send(text .. "\n") then guest.client:shutdown("both") end
end

-- Each line in a fiber of its own, so that a slow guest holds up nobody. They reach a guest in their order.
local function tell(text, but)
  for _, guest in pairs(guests) do
    if guest ~= but then moonsocket.spawn(deliver, guest, text) end
  end
end

local function ask_name(client)
  client:send("Your name? ")
  local name = client:receive("l", nil, 100)
  while name and (not name:find("^%w+$") or guests[name]) do
    client:send("Letters and digits, and nobody else's. Your name? ")
    name = client:receive("l", nil, 100)
  end
  return name
end

local function serve(client)
  client:settimeout(600) -- for each line
  local name = ask_name(client)
  if name then
    -- A second object on the same connection has a limit of its own.
    local guest = { client = client, out = assert(client:dup()) }
    guest.out:settimeout(10)
    tell("* " .. name .. " is here")
    guests[name] = guest
    deliver(guest, "* welcome, " .. name)
    local line = client:receive("l", nil, 1000)
    while line do
      tell(name .. ": " .. line, guest)
      line = client:receive("l", nil, 1000)
    end
    guests[name] = nil
    tell("* " .. name .. " has left")
    guest.out:close()
  end
  client:close()
end

moonsocket.spawn(function()
  for _ = 1, tonumber(arg[3]) or math.huge do
    local client, why = server:accept()
    if client then
      moonsocket.spawn(serve, client)
    else
      io.stderr:write(why, "\n")
      socket.sleep(0.1) -- perhaps there is no descriptor left
    end
  end
  server:close()
end)
assert(moonsocket.run())
