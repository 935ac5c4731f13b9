-- What of this dialect is broken to see that the cases notice; sabotage/init.lua says how.
return {
  modules = { "nixio", "nixio.util" },
  words = { ["nixio.socket:getopt"] = { 1, 2 }, ["nixio.socket:setopt"] = { 1, 2 } },
}
