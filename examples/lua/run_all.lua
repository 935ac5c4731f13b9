-- Runs every example with the interpreter that runs this, and checks that each ends well and says what it should.
--
--   cargo xtask run examples/lua/run_all.lua
--
-- The last line is "N passed, N failed, N skipped"; the exit code is 0 if none failed.

local dir = arg[0]:match("^(.*)/[^/]*$") or "."
local lowest = 0
while arg[lowest - 1] do lowest = lowest - 1 end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- The interpreter with its options, without the script.
local interpreter = {}
for i = lowest, -1 do interpreter[#interpreter + 1] = quote(arg[i]) end

local function command(words)
  local script = quote(dir .. "/" .. words:match("^%S+"))
  return table.concat(interpreter, " ") .. " " .. script .. words:match("^%S+(.*)$")
end

-- Output and exit code; io.popen tells the latter on newer Luas only.
local function run(words)
  local pipe = assert(io.popen("{ " .. command(words) .. "; } 2>&1; echo \"exit $?\"", "r"))
  local output = pipe:read("*a")
  pipe:close()
  local text, code = output:match("^(.*)exit (%d+)\n$")
  return text or output, tonumber(code or -1)
end

local passed, failed, skipped = 0, 0, 0

local function check(name, text, code, wanted)
  if code == 0 and text:find(wanted) then
    passed = passed + 1
    print("ok    " .. name)
  else
    failed = failed + 1
    print("FAIL  " .. name .. " (exit " .. code .. ", wanted " .. wanted .. ")\n" .. text)
  end
end

local function example(words, wanted)
  local text, code = run(words)
  local why = text:match("^skipped: ([^\n]*)\n$")
  if code == 0 and why then
    skipped = skipped + 1
    print("skip  " .. words .. " (" .. why .. ")")
  else
    check(words, text, code, wanted)
  end
end

example("echo.lua", "server  ends: closed\ndone on the %l+ backend, Lua [%w.]+\n$")
example("line_client.lua", "timeout, with 'you asked: ' so far\n.*the whole answer: 'you asked: what time is it%?'\n$")
example("http_get.lua", "asked: GET /hello HTTP/1.1\n.*got: HTTP/1.1 200 OK\n.*got: 22000 bytes of text/plain\n$")
example("osn_echo.lua", "got 'to be or not to be'\n.*waited: '', timeout\n.*server  ends: closed\n$")
example("concurrent.lua", "^100 fibers, 0.2 s for each answer: all done in %d+%.%d+ s")

example("fetch_many.lua", "10 of 10 in 0%.%d s\n$")
example("udp_discovery.lua", "^found an example at 127%.0%.0%.1\n$")
example("tls.lua", "^got 'IN CONFIDENCE' over TLS")

-- A server in the background: it says where it is, and `clients(host, port)` is called with that.
local function background(words, clients, ends)
  local server = assert(io.popen(command(words) .. " 2>&1", "r"))
  local first = server:read("*l") or ""
  local host, port = first:match("^listening on (%S+) ?(%d*)$")
  if host then clients(host, port) end
  local rest = server:read("*a")
  server:close()
  check(words:match("^%S+"), host and rest or first .. "\n" .. rest, host and 0 or -1, ends)
end

-- Pairs: the server ends after two clients.
local function pair(server_name, client_name, there_and_back, ends)
  background(server_name .. " 127.0.0.1 0 2", function(host, port)
    for number = 1, 2 do
      example(client_name .. " " .. host .. " " .. port .. " " .. 100 * number, there_and_back)
    end
  end, ends)
end

example("emilua_example.lua", "11\n")
example("emilua_echo.lua", "hello from client 3\n.*interrupted:\ttrue\ndone\n$")
example("thousand_requests.lua 100", "^100 of 100 requests answered in 0.%d+ s\n$")

pair("echo_server.lua", "echo_client.lua", "^%d+ lines there and back in ", "client 1 .*is here\n.*client 2 .*has gone\n$")
pair("nixio_server.lua", "nixio_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone: end of stream\n$")
pair("osn_server.lua", "osn_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone: closed\n$")
pair("sgssockets_server.lua", "sgssockets_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone\n$")

pair("emilua_server.lua", "emilua_client.lua", "^%d+ lines there and back\n$",
  "^client .* is here\n.*client .* has gone: End of file\n$")

-- Ann listens for as long as Bob needs to say something.
background("chat_server.lua 127.0.0.1 0 2", function(host, port)
  local place = " " .. host .. " " .. port
  local ann = assert(io.popen(command("chat_client.lua" .. place .. " ann 1.5") .. " 2>&1", "r"))
  assert(ann:read("*l") == "* welcome, ann")
  example("chat_client.lua" .. place .. " bob 0.2 hello 'how are you?'", "^%* welcome, bob\n$")
  check("chat_client.lua" .. place .. " ann", ann:read("*a"), 0,
    "^%* bob is here\nbob: hello\nbob: how are you%?\n%* bob has left\n$")
  ann:close()
end, "^$")

background("echo_server.lua 127.0.0.1 0 1", function(host, port)
  background("port_forwarder.lua 0 " .. host .. " " .. port .. " 1", function(here, its_port)
    example("echo_client.lua " .. here .. " " .. its_port .. " 100", "^%d+ lines there and back in ")
  end, "^$")
end, "client 1 .*has gone\n$")

local path = os.tmpname()
os.remove(path)
background("unix_daemon.lua serve " .. path, function()
  example("unix_daemon.lua ask " .. path .. " add 3", "^3\n$")
  example("unix_daemon.lua ask " .. path .. " add 4", "^7\n$")
  example("unix_daemon.lua ask " .. path .. " quit", "^bye\n$")
end, "^user %d+: add 3\nuser %d+: add 4\nuser %d+: quit\n$")

print(string.format("%d passed, %d failed, %d skipped", passed, failed, skipped))
os.exit(failed == 0 and 0 or 1)
