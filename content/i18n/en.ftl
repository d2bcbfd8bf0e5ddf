skip-to-content = Skip to content
language = Language
lessons = Lessons
contents = Contents
on-this-page = On this page
neighbours = Previous and next lesson
previous = Previous
next = Next
minutes = { $count } min
footer = Every request on this site goes to a real server, on data that is yours alone.
login = Log in
logout = Log out

home-title = Learn REST APIs by sending requests
home-lead = Each lesson holds a form that sends a real request to a real API. Watch the reply, and see what changed in your own copy of the data.
home-path = The lessons in order

not-found-title = There is nothing at this address
not-found-text = The page was moved, or the address has a typing error.
not-found-home = To the front page

theme-label = Theme
theme-auto = Auto
theme-light = Light
theme-dark = Dark
