-- A daemon on a Unix socket: it counts, and programs of the same user ask it. What they may say: add N, get, quit.
--
--   unix_daemon.lua serve PATH        until somebody says quit
--   unix_daemon.lua ask PATH WORDS    one question
--   cargo xtask run examples/lua/unix_daemon.lua serve /tmp/counter

local moonsocket = require "moonsocket"
local unix = require "socket.unix"

-- Takes the name over from a daemon that has ended without removing it, but not from one that lives.
local function listen(path)
  local server = assert(unix.stream())
  local done, why = server:bind(path)
  if not done and why == "address already in use" and not unix.stream():connect(path) then
    os.remove(path)
    done, why = server:bind(path)
  end
  assert(done, why)
  assert(server:listen())
  return server
end

local function serve(path)
  local server = listen(path)
  local total, commands = 0, {}
  function commands.get() return total end
  function commands.add(number)
    total = total + (tonumber(number) or 0)
    return total
  end
  function commands.quit()
    server:close()
    return "bye"
  end

  local function answer(client)
    local _, uid = client:getpeercred()
    local line = client:receive("l", nil, 200)
    while line do
      local verb, argument = line:match("^(%S+)%s*(.*)$")
      local command = commands[verb]
      client:send((command and command(argument) or "what?") .. "\n")
      print("user " .. uid .. ": " .. line)
      line = client:receive("l", nil, 200)
    end
    client:close()
  end

  print("listening on " .. path)
  io.stdout:flush()
  moonsocket.spawn(function()
    local client = server:accept()
    while client do
      moonsocket.spawn(answer, client)
      client = server:accept() -- nil when it is closed
    end
    os.remove(path)
  end)
  assert(moonsocket.run())
end

local function ask(path, words)
  local client = assert(unix.stream())
  client:settimeout(5)
  assert(client:connect(path))
  assert(client:send(words .. "\n"))
  print((assert(client:receive())))
  client:close()
end

local what, path = arg[1], arg[2]
if what == "serve" and path then
  serve(path)
elseif what == "ask" and path then
  ask(path, table.concat(arg, " ", 3))
else
  io.stderr:write("usage: unix_daemon.lua serve PATH | ask PATH WORDS\n")
  os.exit(2)
end
