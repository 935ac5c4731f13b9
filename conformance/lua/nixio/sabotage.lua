-- What of this dialect is broken to see that the cases notice; sabotage/init.lua says how.

local nixio = require("nixio")
require("nixio.util")

local any_true = "it goes by Lua's truth: one number is as good as another"
local names_take = "how long a name takes is unknown"
local no_address = "no number is an address, or an interface's name"
local of_the_loop = "a for loop passes what came before; it means nothing"

return {
  modules = { "nixio", "nixio.util" },
  samples = function() return { (nixio.socket("inet", "stream")) } end,
  words = { ["nixio.socket:getopt"] = { 1, 2 }, ["nixio.socket:setopt"] = { 1, 2 } },
  excused = {
    ["nixio.socket:setblocking: argument 1 is less"] = any_true,
    ["nixio.socket:setblocking: argument 1 is greater"] = any_true,
    ["nixio.gettimeofday: result 2 is another"] = "a microsecond is less than a call takes",
    ["nixio.getnameinfo: argument 3 is less"] = names_take,
    ["nixio.socket:setopt(socket, bindtodevice): argument 3 is less"] = no_address,
    ["nixio.socket:setopt(socket, bindtodevice): argument 3 is greater"] = no_address,
    ["nixio.socket:setopt(ip, multicast_if): argument 4 is less"] = no_address,
    ["nixio.socket:setopt(ip, multicast_if): argument 4 is greater"] = no_address,
    ["nixio.socket:setopt(ip, add_membership): argument 3 is less"] = no_address,
    ["nixio.socket:setopt(ip, add_membership): argument 3 is greater"] = no_address,
    ["nixio.socket:setopt(ip, add_membership): argument 4 is less"] = no_address,
    ["nixio.socket:setopt(ip, add_membership): argument 4 is greater"] = no_address,
    ["nixio.socket:setopt(ip, drop_membership): argument 3 is less"] = no_address,
    ["nixio.socket:setopt(ip, drop_membership): argument 3 is greater"] = no_address,
    ["nixio.getnameinfo: argument 3 is greater"] = names_take,
    ["nixio.socket:linesource -> function: argument 2 is ignored"] = of_the_loop,
    ["nixio.socket:linesource -> function: argument 2 is another"] = of_the_loop,
    ["nixio.socket:blocksource -> function: argument 2 is ignored"] = of_the_loop,
    ["nixio.socket:blocksource -> function: argument 2 is another"] = of_the_loop,
    ["nixio.socket:sink -> function: argument 2 is another"] = "an error is an error, whatever its text",
  },
}
