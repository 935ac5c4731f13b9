-- What of this dialect is broken to see that the cases notice; sabotage/init.lua says how.

local socket = require("socket")
local unix = require("socket.unix")
local serial = require("socket.serial")

-- An object of each class: some are only reached by changing another's.
local function samples()
  local server = assert(socket.bind("127.0.0.1", 0))
  local connected = assert(socket.udp4())
  assert(connected:setpeername("127.0.0.1", 9))
  local path = os.tmpname()
  os.remove(path)
  local unix_server = assert(unix.stream())
  assert(unix_server:bind(path))
  assert(unix_server:listen(1))
  local unix_client = assert(unix.stream())
  assert(unix_client:connect(path))
  os.remove(path)
  local receiver, unix_connected = assert(unix.dgram()), assert(unix.dgram())
  assert(receiver:bind(path))
  assert(unix_connected:connect(path))
  os.remove(path)
  return {
    socket.tcp(), server, (socket.connect("127.0.0.1", (select(2, server:getsockname())))), assert(socket.udp()), connected,
    unix.stream(), unix_server, unix_client, unix.dgram(), unix_connected, (serial("/dev/null")),
  }
end

-- The options are things of their own.
local words = {}
for _, class in ipairs({
  "tcp{master}", "tcp{client}", "tcp{server}", "udp{connected}", "udp{unconnected}",
  "unixstream{master}", "unixstream{client}", "unixstream{server}", "unixdgram{connected}", "unixdgram{unconnected}",
}) do
  words[class .. ":getoption"], words[class .. ":setoption"] = { 1 }, { 1 }
end

local excused = {
  ["tcp{master}:listen: argument 1 is greater"] = "a longer queue holds as much",
  ["unixstream{master}:listen: argument 1 is greater"] = "a longer queue holds as much",
  ["socket.bind: argument 3 is greater"] = "a longer queue holds as much",
  ["tcp{server}:setpeername: argument 2 is less"] = "a server connects nowhere",
  ["tcp{server}:connect: argument 2 is less"] = "a server connects nowhere",
  ["udp{unconnected}:setpeername: argument 2 is another"] = "without an address there is no port",
  ["tcp{client}:setstats: argument 3 is another"] = "a text that is no number is 0, whatever it is",
  ["udp{unconnected}:setoption(ip-multicast-ttl): argument 2 is another"] = "a text that is no number is 0",
  ["tcp{server}:setoption(tcp-defer-accept): argument 2 is less"] = "the system counts in retransmissions",
  ["tcp{server}:setoption(tcp-defer-accept): argument 2 is greater"] = "the system counts in retransmissions",
  ["udp{unconnected}:setoption(bindtodevice): argument 2 is another"] = "it looks as if binding were not allowed",
  ["udp{unconnected}:setoption(ipv6-drop-membership): argument 2 without its interface"] = "the group tells which it is",
  ["unixstream{client}:receive: argument 1 is another"] = "the first letter of a pattern counts",
  ["serial{client}:receive: argument 1 is another"] = "the first letter of a pattern counts",
  ["socket.dns.toip: result 2 has another alias"] = "names that have aliases are not at hand",
  ["socket.dns.tohostname: result 2 has another alias"] = "names that have aliases are not at hand",
  ["socket.monotime: result 1 is another"] = "where it begins is unknown",
  ["socket.connect: argument 3 without its happy_eyeballs"] = "where addresses answer at once there is no race",
}

-- The system cannot be asked for these.
for _, what in ipairs({ "tcp{server}:setoption(tcp-fastopen)", "tcp{master}:setoption(tcp-fastopen-connect)" }) do
  excused[what .. ": argument 2 is ignored"] = "the option cannot be read"
end
excused["tcp{server}:setoption(tcp-fastopen): argument 2 is less"] = "the option cannot be read"
excused["tcp{server}:setoption(tcp-fastopen): argument 2 is greater"] = "the option cannot be read"

for _, class in ipairs({
  "tcp{master}", "tcp{client}", "tcp{server}", "udp{connected}", "udp{unconnected}", "unixstream{master}",
  "unixstream{client}", "unixstream{server}", "unixdgram{connected}", "unixdgram{unconnected}", "serial{client}",
}) do
  excused[class .. ":settimeout: argument 2 is another"] = "the first letter of a mode counts"
end

-- Arguments that are there only to be passed over.
for what, changes in pairs({
  ["socket.tcp"] = { "1 ignored less greater", "2 ignored another", "3 ignored" },
  ["socket.tcp4"] = { "1 ignored another" },
  ["socket.udp"] = { "1 ignored another", "2 ignored", "3 ignored less greater" },
  ["socket.udp4"] = { "1 ignored another", "2 ignored", "3 ignored less greater" },
  ["socket.udp6"] = { "1 ignored another", "2 ignored", "3 ignored less greater" },
  ["socket.unix.stream"] = { "1 ignored less greater another", "2 ignored" },
  ["udp{connected}:send"] = { "2 ignored less greater", "3 ignored less greater" },
  ["udp{connected}:getpeername"] = { "1 ignored another", "2 ignored less greater", "3 ignored less greater" },
  ["udp{unconnected}:receivefrom"] = { "2 ignored less greater", "3 ignored less greater" },
  ["udp{unconnected}:setsockname"] = { "3 ignored less greater" },
  ["socket.dns.getaddrinfo"] = { "2 ignored another", "3 ignored less greater" },
}) do
  for _, change in ipairs(changes) do
    local place, ways = change:match("^(%d) (.*)$")
    for way in ways:gmatch("%a+") do
      excused[what .. ": argument " .. place .. " is " .. way] = "it is one argument too many"
    end
  end
end

-- What is no function is one like another.
for _, what in ipairs({ "socket.newtry", "socket.protect" }) do
  excused[what .. ": argument 1 is less"] = "one number is as bad as another"
  excused[what .. ": argument 1 is greater"] = "one number is as bad as another"
end

return {
  modules = { "socket", "socket.unix" },
  samples = samples,
  words = words,
  excused = excused,
}
