-- Finds services in the local network: a question by broadcast or multicast, and answers from whoever offers one.
--
--   udp_discovery.lua offer NAME [GROUP [PORT]]     answers for as long as it runs
--   udp_discovery.lua find [GROUP [PORT]]           asks, and shows who answers within a second
--   cargo xtask run examples/lua/udp_discovery.lua  both, in two fibers, by multicast on this machine
--
-- GROUP is a multicast address (239.255.70.70 without it) or a broadcast address such as 255.255.255.255.

local moonsocket = require "moonsocket"
local socket = require "socket"

local QUESTION = "who is there?"

local function is_multicast(group)
  local first = tonumber(group:match("^%d+"))
  return first >= 224 and first <= 239
end

-- A socket that hears what is sent to the group. Others may listen on the same port.
local function listener(group, port, interface)
  local udp = assert(socket.udp4())
  assert(udp:setoption("reuseaddr", true))
  assert(udp:setsockname("*", port))
  if is_multicast(group) then
    assert(udp:setoption("ip-add-membership", { multiaddr = group, interface = interface or "*" }))
  end
  return udp
end

local function offer(udp, name, answers)
  for _ = 1, answers or math.huge do
    local question, from, port = udp:receivefrom()
    while question ~= QUESTION do question, from, port = assert(udp:receivefrom()) end
    assert(udp:sendto(name, from, port))
  end
end

local function find(group, port, interface, seconds)
  local udp = assert(socket.udp4())
  if is_multicast(group) then
    assert(udp:setoption("ip-multicast-loop", true))
    if interface then assert(udp:setoption("ip-multicast-if", interface)) end
  else
    assert(udp:setoption("broadcast", true))
  end
  assert(udp:sendto(QUESTION, group, port))
  local over, found = socket.monotime() + seconds, {}
  while true do
    local left = over - socket.monotime()
    if left <= 0 then return found end
    udp:settimeout(left)
    local name, from = udp:receivefrom()
    if name then found[#found + 1] = name .. " at " .. from end
  end
end

local what = arg[1]
local group = arg[what == "offer" and 3 or 2] or "239.255.70.70"
if what == "offer" then
  offer(listener(group, arg[4] or 7070), assert(arg[2], "which name?"))
elseif what == "find" then
  for _, one in ipairs(find(group, arg[3] or 7070, nil, 1)) do print(one) end
else
  -- The loopback, so that it works without a network.
  local udp = listener(group, 0, "127.0.0.1")
  local _, port = udp:getsockname()
  moonsocket.spawn(offer, udp, "an example", 1)
  moonsocket.spawn(function()
    for _, one in ipairs(find(group, port, "127.0.0.1", 0.3)) do print("found " .. one) end
  end)
  assert(moonsocket.run())
end
