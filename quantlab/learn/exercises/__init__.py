"""Exercises, one a file: ``README.md`` says how to add one."""

from quantlab.learn.exercises.base import Asked, Exercise, Grade, Problem, grade
from quantlab.registry import Registry

EXERCISES: Registry[Exercise] = Registry("quantlab.learn.exercises", "EXERCISE")

__all__ = ["EXERCISES", "Asked", "Exercise", "Grade", "Problem", "grade"]
