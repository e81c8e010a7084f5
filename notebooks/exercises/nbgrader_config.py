# Read by nbgrader where it is started in this folder; README.md says how.
c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "deep-delta-learning"

# Checks that train models take seconds, on a busy machine many; nbgrader ends a cell after 30.
c.Execute.timeout = 300
c.Execute.startup_timeout = 120

# Who hands something in is added to the gradebook.
c.Autograde.create_student = True
