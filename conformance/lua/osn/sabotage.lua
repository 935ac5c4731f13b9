-- What of this dialect is broken to see that the cases notice; sabotage/init.lua says how.
return { modules = { "osn" } }
